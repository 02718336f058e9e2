from . import membership_report
from . import revenue_report
from . import collected_report
from . import forecast_report
