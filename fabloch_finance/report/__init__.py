from . import revenue_report
