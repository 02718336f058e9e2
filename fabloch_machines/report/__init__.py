from . import machine_report
