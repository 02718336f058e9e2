from . import mandate_report
