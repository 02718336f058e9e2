from . import revenue_report
from . import self_financing_report
from . import forecast_report
from . import budget_report
