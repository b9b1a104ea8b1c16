#!/usr/bin/env python3
"""Gives back the records of Ashiato's segments exactly as they were delivered.

usage: rebuild_raw.py [--null | --hash] FILE.parquet ...

Prints each record and a line break; some log types' records hold line breaks, --null ends them with a
NUL byte. --hash prints how many records all files hold and a hash that does not depend on their order:
the sum, modulo 2^128, of the first 16 bytes of each record's SHA-256, big-endian, as 32 hex digits.

Needs Python 3.8 and pyarrow, nothing of Ashiato. The rules are in FORMATS.md, "The record".
"""
import hashlib, re, sys
import pyarrow as pa
import pyarrow.parquet as pq

# Time formats in a fixed number of bytes: Y year, M month, D day, h m s, f µs, F ms, b month's name, d padded day.
LAYOUTS = {
    1: "YYYY-MM-DDThh:mm:ssZ", 2: "YYYY-MM-DDThh:mm:ss.FFFZ", 3: "YYYY-MM-DDThh:mm:ss.ffffffZ", 7: "DD/bbb/YYYY:hh:mm:ss +0000",
    8: "YYYY-MM-DDThh:mm:ss.ffffff+0000", 9: "YYYY-MM-DD hh:mm:ss", 10: "YYYY-MM-DD hh:mm:ss.FFF", 11: "YYYY-MM-DD\thh:mm:ss",
    12: "bbb dd hh:mm:ss", 13: "YYYYMMDD hh:mm:ss", 14: "YYYY-MM-DDThh:mm:ss+00:00", 15: "YYYY-MM-DDThh:mm:ss.ffffff+00:00",
    16: "YYYY-MM-DDThh:mmZ",
}
EPOCH = {4: 1_000_000, 5: 1_000, 6: 1}
ZONED = [("DD/bbb/YYYY:hh:mm:ss ", ""), ("YYYY-MM-DDThh:mm:ss", ":"), ("YYYY-MM-DDThh:mm:ss.ffffff", ":")]
FIELD = re.compile("YYYY|MM|DD|dd|hh|mm|ss|ffffff|FFF|bbb")
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
JSON_SHORT = {b'"': b'\\"', b"\\": b"\\\\", b"\n": b"\\n", b"\r": b"\\r", b"\t": b"\\t", b"\b": b"\\b", b"\f": b"\\f"}
SQL_SHORT = {b"'": b"\\'", b"\\": b"\\\\", b"\n": b"\\n", b"\r": b"\\r", b"\t": b"\\t", b"\b": b"\\b"}

def civil(days):
    """Year, month and day of a number of days since 1970 (datetime has no year 0)."""
    z = days + 719468
    era, doe = divmod(z, 146097)
    yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    month = (mp + 2) % 12 + 1
    return yoe + era * 400 + (month <= 2), month, doy - (153 * mp + 2) // 5 + 1

def clock(us, layout):
    (days, s), us = divmod(us // 1_000_000, 86400), us % 1_000_000
    y, mo, d = civil(days)
    parts = {"YYYY": f"{y:04}", "MM": f"{mo:02}", "DD": f"{d:02}", "dd": f"{d:2}", "bbb": MONTHS[mo - 1], "hh": f"{s // 3600:02}",
             "mm": f"{s // 60 % 60:02}", "ss": f"{s % 60:02}", "ffffff": f"{us:06}", "FFF": f"{us // 1000:03}"}
    return FIELD.sub(lambda m: parts[m[0]], layout)

def time_text(us, fmt):
    if fmt in EPOCH:
        return str(us // EPOCH[fmt])
    if fmt in LAYOUTS:
        return clock(us, LAYOUTS[fmt])
    zone, half = divmod(fmt - 64, 53)
    if zone not in (0, 1, 2):
        raise ValueError(f"unknown time format {fmt}")
    (layout, colon), half = ZONED[zone], half - 24
    return f"{clock(us + half * 1_800_000_000, layout)}{'-+'[half >= 0]}{abs(half) // 2:02}{colon}{abs(half) % 2 * 30:02}"

def float_text(x, decimals):
    if x is None or x != x:
        return "NaN"
    return {float("inf"): "+Inf", -float("inf"): "-Inf"}.get(x) or f"{x:.{decimals}f}"

def text(v, fmt):
    if fmt == 0:
        return v
    if fmt == 1:
        return re.sub(rb'["\\\x00-\x1f]', lambda m: JSON_SHORT.get(m[0]) or b"\\u%04x" % m[0][0], v)
    if fmt == 2:
        return re.sub(rb"['\\\n\r\t\x08]", lambda m: SQL_SHORT[m[0]], v)
    if fmt != 3:
        raise ValueError(f"unknown text format {fmt}")
    return v.replace(b'"', b'""')

def printer(array):
    """Returns f(row, format), which prints a value of one column of a batch."""
    if pa.types.is_timestamp(array.type):
        v = array.cast(pa.int64()).to_pylist()
        return lambda i, f: time_text(v[i], f).encode()
    v = array.to_pylist()
    if pa.types.is_integer(array.type):
        return lambda i, f: str(v[i]).encode()
    if pa.types.is_floating(array.type):
        return lambda i, f: float_text(v[i], f).encode()
    return lambda i, f: text(v[i].encode(), f)

def records(path):
    for batch in pq.ParquetFile(path).iter_batches(batch_size=4096):
        skeletons, verbatim = (batch.column(batch.schema.get_field_index(n)).to_pylist() for n in ("skeleton", "verbatim"))
        columns = {}
        for row, (sk, whole) in enumerate(zip(skeletons, verbatim)):
            if whole is not None:
                yield whole
                continue
            out, at = [], 0
            while (mark := sk.find(0xFF, at)) >= 0:
                column, fmt = sk[mark + 1] - 1, sk[mark + 2] - 1
                if column < 0 or fmt < 0:
                    raise ValueError(f"{path}: bad marker in a skeleton")
                if column not in columns:
                    columns[column] = printer(batch.column(column))
                out += sk[at:mark], columns[column](row, fmt)
                at = mark + 3
            yield b"".join(out) + sk[at:]

def main(args):
    option = args.pop(0) if args[:1] and args[0].startswith("-") else None
    if not args or option not in (None, "--null", "--hash"):
        sys.exit(__doc__)
    n = total = 0
    for path in args:
        for r in records(path):
            if option == "--hash":
                n, total = n + 1, (total + int.from_bytes(hashlib.sha256(r).digest()[:16], "big")) % (1 << 128)
            else:
                sys.stdout.buffer.write(r + (b"\0" if option else b"\n"))
    if option == "--hash":
        print(n, f"{total:032x}")

if __name__ == "__main__":
    main(sys.argv[1:])
