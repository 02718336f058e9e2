from . import (
    donation_cancel,
    donation_receive,
)
