"""Run the command line as ``python -m taiwan_can_help``."""

from taiwan_can_help.cli import main

main()
