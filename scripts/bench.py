"""Runs pairs of commands in turn, A B A B …, and prints the median of their ratios. Called by scripts/bench."""
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

records, runs = int(sys.argv[1]), int(sys.argv[2])
root = os.getcwd()
terrace = f"{root}/.build/release/terrace"
bench = f"{root}/.build/release/terrace-bench"
work = tempfile.mkdtemp(prefix="terrace-bench-", dir=os.environ.get("BENCH_DIR"))
shutil.copytree(f"{root}/Benchmarks/Pipelines", f"{work}/Pipelines")
os.makedirs(f"{work}/in")


def measured(command):
    """Wall seconds, cpu seconds and peak MiB of one finished process."""
    started = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - started
    if status != 0:
        sys.exit(f"failed ({status}): {' '.join(command)}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def fresh():
    shutil.rmtree(f"{work}/home", ignore_errors=True)


def load(pipeline):
    fresh()
    return measured([terrace, "run", pipeline, "--pipelines", f"{work}/Pipelines", "--home", f"{work}/home"])


def load_alone(pipeline, path):
    """Seconds to load ready columns, as the program itself took them."""
    center = f"{work}/alone.db"
    for name in (center, center + "-journal"):
        if os.path.exists(name):
            os.remove(name)
    command = [bench, "load", pipeline, f"{work}/Pipelines", path, f"sqlite:{center}"]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def compared(title, first, second, size):
    """first and second give (wall, cpu, peak); the ratio is of wall times, pair by pair."""
    first(), second()
    pairs = [(first(), second()) for _ in range(runs)]
    wall = statistics.median(a[0] for a, _ in pairs)
    ratios = [a[0] / b[0] for a, b in pairs]
    print(f"| {title} | {size / wall / 1e6:.0f} MB/s | {records / wall / 1e3:.0f}k/s | {wall:.2f} s | "
          f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f}) | {max(a[2] for a, _ in pairs):.0f} MiB |",
          flush=True)


def overlapped(name, pipeline, path, size):
    """`terrace run` against each of its two stages alone, the three in turn."""
    stages = lambda: (transform(pipeline, path)()[0], load_alone(pipeline, path))
    load(pipeline), stages()
    rounds = [(load(pipeline), stages()) for _ in range(runs)]
    wall = statistics.median(run[0] for run, _ in rounds)
    decoding, loading = (statistics.median(alone[stage] for _, alone in rounds) for stage in (0, 1))
    ratios = [run[0] / max(alone) for run, alone in rounds]
    print(f"| {name} → SQLite, `terrace run` (against the slower of decode…validate alone, {decoding:.2f} s, "
          f"and load alone, {loading:.2f} s) | {size / wall / 1e6:.0f} MB/s | {records / wall / 1e3:.0f}k/s | {wall:.2f} s | "
          f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f}) | {max(run[2] for run, _ in rounds):.0f} MiB |",
          flush=True)


try:
    xml, json = f"{work}/in/assets.xml", f"{work}/in/assets.json"
    subprocess.run([bench, "generate-xml", str(records), xml], check=True)
    subprocess.run([bench, "generate-json", str(records), json], check=True)
    xml_size, json_size = os.path.getsize(xml), os.path.getsize(json)
    limit = lambda: measured([bench, "limit-xml", xml])
    decode = lambda name, path: lambda: measured([bench, "decode", name, f"{work}/Pipelines", path])
    transform = lambda name, path: lambda: measured([bench, "transform", name, f"{work}/Pipelines", path])
    print(f"{records} records, XML {xml_size / 1e6:.0f} MB, JSON {json_size / 1e6:.0f} MB, {runs} pairs, {os.cpu_count()} cores\n")
    print("| what (against what) | bytes | records | wall, median | ratio of wall: median (range) | peak memory |")
    print("|---|---|---|---|---|---|")
    compared("XML → columns (against an empty SAX2 parse in C)", decode("bench_xml", xml), limit, xml_size)
    compared("XML → typed, checked columns (against the empty parse)", transform("bench_xml", xml), limit, xml_size)
    compared("JSON → columns (against the empty parse of the XML)", decode("bench_json", json), limit, json_size)
    compared("JSON → typed, checked columns (against the empty parse of the XML)", transform("bench_json", json), limit, json_size)
    overlapped("XML", "bench_xml", xml, xml_size)
    overlapped("JSON", "bench_json", json, json_size)
    starts = sorted(measured([terrace, "--version"])[0] for _ in range(30))
    print(f"\nstart-up, `terrace --version`: {statistics.median(starts) * 1000:.1f} ms (best {starts[0] * 1000:.1f})")
    for name, path in (("bench_xml", xml), ("bench_json", json)):
        os.remove(path)
        peaks = []
        for megabytes in (50, 2000):
            count = int(megabytes * 1e6 / ((xml_size if name == "bench_xml" else json_size) / records))
            subprocess.run([bench, "generate-xml" if name == "bench_xml" else "generate-json", str(count), path], check=True)
            wall, _, peak = load(name)
            peaks.append(f"{os.path.getsize(path) / 1e6:.0f} MB: {peak:.0f} MiB in {wall:.1f} s")
        os.remove(path)
        print(f"peak memory of `terrace run`, {name}: " + "; ".join(peaks), flush=True)
finally:
    shutil.rmtree(work, ignore_errors=True)
