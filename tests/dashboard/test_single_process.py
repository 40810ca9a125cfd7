import pytest

from moim.errors import UsageError
from moim.single_process import refuse_processes


@pytest.mark.parametrize(
    "argv",
    [["serve", "app.py", "--num-procs", "2"], ["--num-procs=4"], ["--num-procs", "0"]],
)
def test_several_processes_are_refused(argv: list[str]) -> None:
    with pytest.raises(UsageError, match="moim serve"):
        refuse_processes(argv)


@pytest.mark.parametrize("argv", [["serve", "app.py"], ["--num-procs", "1"], ["--num-procs=1"]])
def test_one_process_is_not(argv: list[str]) -> None:
    refuse_processes(argv)
