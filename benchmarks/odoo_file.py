"""Odoo's command line as a file: with workers, Odoo starts another server for its live bus by this file's name."""

from odoo.cli import main

if __name__ == "__main__":
    main()
