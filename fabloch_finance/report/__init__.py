from . import revenue_report
from . import self_financing_report
from . import collected_report
from . import threshold_report
