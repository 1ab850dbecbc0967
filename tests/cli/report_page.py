"""report_page.py PAGE DIR...: the page of `tessera report` is well-formed, loads nothing, has one script of its own, and shows
the numbers and settings that the runs' folders hold, and no others."""
import csv
import html.parser
import json
import math
import re
import sys
import xml.etree.ElementTree as tree

page, folders = sys.argv[1], [path.rstrip("/") for path in sys.argv[2:]]
text = open(page, encoding="utf-8").read()
root = tree.fromstring(text.split("\n", 1)[1])  # stricter than HTML: every tag closed, every attribute quoted


class Reader(html.parser.HTMLParser):
    """As a browser takes the text apart."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes = [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, *each) for each in attributes]


reader = Reader()
reader.feed(text)
assert reader.tags == [each.tag for each in root.iter()], "a browser sees other elements than a parser of XML"
assert reader.tags.count("script") == 1 and reader.tags.count("style") == 1
allowed = {"html", "head", "meta", "title", "style", "body", "header", "main", "footer", "script", "h1", "h2", "h3", "p", "ul", "li", "span", "b",
           "code", "div", "button", "figure", "figcaption", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "svg", "g", "line",
           "path", "circle", "text"}
assert set(reader.tags) <= allowed, set(reader.tags) - allowed
for tag, name, value in reader.attributes:
    assert name not in ("src", "href", "srcset", "style", "srcdoc") and not name.startswith("on"), (tag, name, value)
assert not re.search(r"https?:|url\(|@import|import\(|fetch\(|XMLHttpRequest", text), "it refers to another file"
assert "default-src 'none'" in text


def classed(name, at=root):
    return [each for each in at.iter() if name in each.get("class", "").split()]


def near(a, b):
    return math.isclose(float(a), float(b), rel_tol=1e-5, abs_tol=1e-12)


def read(folder):
    with open(folder + "/metrics.csv") as file:
        rows = list(csv.reader(file, quoting=csv.QUOTE_NONE))
    return [dict(zip(rows[0], row)) for row in rows[1:]], json.load(open(folder + "/config.json"))


runs = [read(folder) for folder in folders]
evaluated = [[row for row in rows if row["return_mean"]] for rows, _ in runs]
body = "".join(root.find("body").itertext())

# Results: the exact numbers, in order of the folders.
if len(runs) > 1:
    table = next(each for each in root.iter("table") if each.get("id") == "results")
    shown = {}
    for row in table.find("tbody"):
        if "mean" not in row.get("class", ""):
            shown[row[-1].find("code").text] = [cell.get("data-value") for cell in row]
    assert set(shown) == set(folders), shown
    for folder, rows in zip(folders, evaluated):
        cells = shown[folder]
        if not rows:
            assert cells[1:5] == [None] * 4
            continue
        best = max(rows, key=lambda row: float(row["return_mean"]))
        wanted = [rows[-1]["return_mean"], rows[-1]["return_std"], best["return_mean"], best["updates"]]
        assert [float(x) for x in cells[1:5]] == [float(x) for x in wanted], (folder, cells, wanted)
elif evaluated[0]:
    tiles = next(each for each in root.iter("ul") if each.get("id") == "tiles")
    last = evaluated[0][-1]
    assert "".join(tiles.itertext()).find("%.4g \u00b1 %.4g" % (float(last["return_mean"]), float(last["return_std"]))) >= 0
else:
    assert "last return" not in body

# Curves: each column of each run's metrics.csv is a line, point by point; a line of a chart that is no run's is a mean.
charts = {}
for figure in root.iter("figure"):
    title = figure.find("figcaption/b").text
    charts[title] = [([float(x) for x in line.get("data-x").split()], [float(y) for y in line.get("data-y").split()]) for line in classed("curve", figure)]
names = {name for rows, _ in runs for row in rows for name, x in row.items() if x} - {"updates", "seconds", "return_mean", "return_std", "environment_steps"}
assert set(charts) - {"episode return"} == names, (set(charts), names)
assert ("episode return" in charts) == any(evaluated)
for title, lines in charts.items():
    column = "return_mean" if title == "episode return" else title
    for rows, _ in runs:
        points = [(int(row["updates"]), float(row[column])) for row in rows if row.get(column)]
        if points:
            assert any(len(x) == len(points) and all(near(a, p[0]) and near(b, p[1]) for a, b, p in zip(x, y, points)) for x, y in lines), title

# Settings: all of them, with their values.
tables = ["".join("\t".join("".join(cell.itertext()) for cell in row) + "\n" for row in table.iter("tr")) for table in classed("settings")]
for _, config in runs:
    for key, value in config["parameters"].items():
        shown = ",".join(str(x) for x in value) if isinstance(value, list) else str(value).lower() if isinstance(value, bool) else value
        pattern = re.compile(rf"^{re.escape(key)}\t([^\t]*)\t", re.M)
        values = [match.group(1) for one in tables for match in pattern.finditer(one)]
        same = [v for v in values if v == shown or (isinstance(shown, (int, float)) and near(v, shown))]
        assert same, (key, shown, values)
    for finding in config["findings"]:
        assert finding["message"] in body, finding
    assert config["data"]["hash"] in body and config["platform"]["build"] in body
print(f"{len(charts)} charts of {len(runs)} runs")
