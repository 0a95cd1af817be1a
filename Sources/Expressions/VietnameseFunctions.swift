let vietnameseFunctions: [FunctionEntry] = []
