"""Make every sample run again: one script per framework, one after the other."""

import subprocess
import sys
import time

from common import MAKE, SCRIPTS


def main() -> None:
    """Run the scripts and print the seconds that each took."""
    for script in SCRIPTS:
        started = time.perf_counter()
        subprocess.run([sys.executable, f"{script}.py"], cwd=MAKE, check=True)
        print(f"{script:22}{time.perf_counter() - started:6.1f} s", flush=True)


if __name__ == "__main__":
    main()
