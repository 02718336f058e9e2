from . import revenue_report
from . import revenue_year_report
from . import revenue_control_account
from . import revenue_control
from . import self_financing_report
from . import collected_report
from . import threshold_report
