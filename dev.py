#!/usr/bin/env python3
"""The commands of the project. Nothing but Python 3.11 is needed to start them.

python3 dev.py demo     a whole season with made-up data, on this machine only
python3 dev.py test     every check and every test, with servers of their own
python3 dev.py cluster  the production shape on this machine; --kills, --check
python3 dev.py storm    a filing deadline against the cluster
python3 dev.py bench    speed of what matters, each beside its baseline
python3 dev.py drill    backup and restore of a full place, timed
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  said kindly to an older Python
    sys.exit("Jiebang needs Python 3.11 or newer; this is Python " + sys.version.split()[0])

from dev_tools.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
