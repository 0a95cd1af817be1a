#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes in/bang-gia.xlsx: an invented price list as offices send it. Needs openpyxl (pip install openpyxl)."""
import datetime
import pathlib

from openpyxl import Workbook
from openpyxl.styles import Font

book = Workbook()
notes = book.active
notes.title = "Thuyết minh"
notes.append(["Bảng giá này là dữ liệu bịa, dùng làm ví dụ."])
notes.append(["STT", "không phải", "bảng", "giá"])

sheet = book.create_sheet("Giá")
sheet.merge_cells("A1:F1")
sheet["A1"] = "BẢNG GIÁ VẬT LIỆU XÂY DỰNG"
sheet["A1"].font = Font(bold=True, size=14)
sheet["A2"] = "Ngày áp dụng"
sheet["C2"] = datetime.date(2026, 11, 1)
sheet["C2"].number_format = "yyyy-mm-dd"
sheet.append([])
sheet.append(["STT", "Mã", "Tên vật liệu", "Đơn vị tính", "Giá chưa VAT", "Ghi chú"])
rows = [
    ["I", None, "Cát, đá", None, None, None],
    [1, "CD.001", "Cát vàng, hạt thô", "m³", 385000, None],
    [2, "CD.002", "Đá dăm 1×2", "m³", 412500.5, "tại mỏ"],
    ["II", None, "Xi măng", None, None, None],
    [3, "XM.001", "Xi măng PCB40, \"bao 50 kg\"", "tấn", 1650000, None],
    [4, "XM.002", "Xi măng trắng", "tấn", "liên hệ", "giá hỏi trực tiếp"],
    ["IV", None, "Thép", None, None, None],
    [5, "TH.001", "Thép cuộn\nD6–D8", "kg", 15850, None],
]
for row in rows:
    sheet.append(row)
book.save(pathlib.Path(__file__).parent / "in" / "bang-gia.xlsx")
