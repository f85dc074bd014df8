"""What is measured, a module each: `measure(bench)` yields the rows of the table, and its docstring is the method."""
