from __future__ import annotations

import pytest

from article3.compute import CancelToken
from article3.errors import Cancelled


def test_a_token_is_cancelled_once_and_for_all() -> None:
    token = CancelToken()
    assert not token.cancelled
    token.raise_if_cancelled()
    token.cancel()
    token.cancel()
    assert token.cancelled
    with pytest.raises(Cancelled, match="The work was stopped; nothing was written"):
        token.raise_if_cancelled()
