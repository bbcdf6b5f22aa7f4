"""Prints the table of docs/performance.md from the results of the SDK's benchmarking command."""

import json
import os
import statistics
import sys

BASE = ("pallet_balances", "transfer_keep_alive")


def text(value):
    return value if isinstance(value, str) else bytes(value).decode()


def solve(matrix, right):
    """The solution of a small linear system, by elimination."""
    rows = [row + [value] for row, value in zip(matrix, right)]
    for pivot in range(len(rows)):
        largest = max(range(pivot, len(rows)), key=lambda row: abs(rows[row][pivot]))
        rows[pivot], rows[largest] = rows[largest], rows[pivot]
        rows[pivot] = [value / rows[pivot][pivot] for value in rows[pivot]]
        for other in range(len(rows)):
            if other != pivot:
                factor = rows[other][pivot]
                rows[other] = [a - factor * b for a, b in zip(rows[other], rows[pivot])]
    return [row[-1] for row in rows]


def fit(names, points):
    """Least squares: what it costs by itself, and for each unit of each component."""
    columns = [[1.0] + [float(point["components"][name]) for name in names] for point in points]
    values = [point["value"] for point in points]
    size = len(names) + 1
    square = [[sum(row[i] * row[j] for row in columns) for j in range(size)] for i in range(size)]
    right = [sum(row[i] * value for row, value in zip(columns, values)) for i in range(size)]
    return solve(square, right)


def medians(results, value):
    """The median of repeated measurements, at each choice of the components."""
    groups = {}
    for result in results:
        groups.setdefault(tuple(map(tuple, result["components"])), []).append(value(result))
    return [
        {"components": dict(key), "value": statistics.median(values)}
        for key, values in groups.items()
    ]


def rows(benchmark):
    """A row for what it costs by itself and one for each component: name, ns, reads, writes."""
    results = benchmark["time_results"]
    names = [name for name, _ in results[0]["components"]]
    time = fit(names, medians(results, lambda result: result["extrinsic_time"]))
    tracked = benchmark["db_results"] or results
    reads = fit(names, medians(tracked, lambda result: result["reads"]))
    writes = fit(names, medians(tracked, lambda result: result["writes"]))
    title = f"{text(benchmark['pallet'])}::{text(benchmark['benchmark'])}"
    titles = [title] + [f"{title}, each `{name}`" for name in names]
    return list(zip(titles, time, reads, writes))


def main():
    with open(sys.argv[1]) as file:
        benchmarks = json.load(file)
    by_name = {(text(b["pallet"]), text(b["benchmark"])): b for b in benchmarks}
    base = rows(by_name[BASE])[0][1]
    print(f"{os.cpu_count()} cores; µs without the database, counted reads and writes\n")
    print("| what | µs | × transfer | reads | writes |\n|---|---|---|---|---|")
    for benchmark in benchmarks:
        for title, time, reads, writes in rows(benchmark):
            counts = " | ".join(f"{abs(round(count, 1)):.1f}" for count in (reads, writes))
            print(f"| {title} | {time / 1e3:.1f} | {time / base:.2f} | {counts} |")


main()
