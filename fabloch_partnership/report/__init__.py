from . import mandate_report
from . import forecast_report
