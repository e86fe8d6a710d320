"""Files of every kind as blocks: encodings, separators, misshapen rows, Parquet, rows numbered as people count them."""

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhulian.telemetry.backfill import files
from zhulian.telemetry.backfill.errors import BackfillError
from zhulian.telemetry.backfill.files import blocks, look

TEXT = "时间,温度\n2024-01-01,1\n2024-01-02,2\n"


def read(path: Path, *titles: str, header: int = 1) -> dict[str, list[object]]:
    head = look(path, header)
    found: dict[str, list[object]] = {title: [] for title in ("#", *titles)}
    for block in blocks(path, head, header, titles):
        found["#"] += block.numbers.tolist()
        for title in titles:
            found[title] += block.columns[title].to_pylist()
    return found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_texts_of_every_encoding_and_separator(tmp_path: Path, encoding: str, separator: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(TEXT.replace(",", separator).encode(encoding))
    assert read(path, "时间", "温度") == {"#": [2, 3], "时间": ["2024-01-01", "2024-01-02"], "温度": ["1", "2"]}


def test_gzip_is_unpacked_and_lines_may_end_like_those_of_windows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(TEXT.replace("\n", "\r\n").encode()))
    assert read(path, "温度")["温度"] == ["1", "2"]
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(BackfillError, match="读到中途"):
        read(path, "温度")


def test_titles_may_stand_further_down_or_be_missing_or_repeat(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("某某历史库导出\nt,v,v,\n1,2,3,4\n", "utf-8")
    assert look(path, 2).titles == ("t", "v", "v #3", "#4")
    assert read(path, "v #3", header=2) == {"#": [3], "v #3": ["3"]}
    path.write_text("1,2\n3,4\n", "utf-8")
    assert read(path, "#2", header=0) == {"#": [1, 2], "#2": ["2", "4"]}


def test_rows_with_too_few_or_too_many_cells_are_named_and_the_others_keep_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('t,v\n1,a\n2\n3,"b\nb"\n4,c,d\n5,e\n6\n', "utf-8")
    head = look(path)
    found = list(blocks(path, head, 1, ["t"]))
    assert [row for block in found for row in block.numbers.tolist()] == [2, 4, 6]
    assert [(one.number, one.text) for block in found for one in block.misshapen] == [(3, "2"), (5, "4,c,d"), (7, "6")]


@given(good=st.lists(st.booleans(), min_size=1, max_size=60))
def test_numbers_stay_right_over_any_blocks(tmp_path_factory: pytest.TempPathFactory, good: list[bool]) -> None:
    path = tmp_path_factory.mktemp("files") / "a.csv"
    path.write_text("t,v\n" + "".join(f"{n},x\n" if fine else f"{n}\n" for n, fine in enumerate(good, 2)), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "BLOCK_BYTES", 24)
        found = read(path, "t")
    assert found["#"] == [int(str(text)) for text in found["t"]] == [n for n, fine in enumerate(good, 2) if fine]


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    tags = pa.array(["a", "b"]).dictionary_encode()
    pq.write_table(pa.table({"t": [1, 2], "tag": tags, "v": [1.5, None]}), path)
    assert look(path).rows == 2
    assert read(path, "tag", "v") == {"#": [2, 3], "tag": ["a", "b"], "v": [1.5, None]}


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"\n\n\n", b"PAR1 and no more"])
def test_what_is_no_table_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(BackfillError):
        look(path)


def test_bytes_that_belong_to_no_encoding_do_not_stop_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"t,v\n" + b"1,2\n" * 300_000 + b"3,\xff\xff\n")
    assert read(path, "v")["v"][-1] == "\N{REPLACEMENT CHARACTER}" * 2
    with pytest.raises(BackfillError, match="没有“w”这一列"):
        read(path, "w")
