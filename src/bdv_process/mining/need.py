"""What became of each need: a stream of linked cases that a requester started."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from bdv_process.mining.contact import BOTH, IN, OUT, REJECTED, Vocabulary


def needs_of(
    contacts: pd.DataFrame,
    streams: pd.DataFrame,
    asked: pd.DataFrame,
    words: Vocabulary,
    ends: Collection[str],
    lost_after: int,
    horizon: int,
) -> pd.DataFrame:
    """Return what became of each stream that a journey has: by number of the stream.

    Columns: those of `streams`, and journey, closed (of a template in `ends`), questions,
    withdrawn, rejected (moment at which its call was, else -1), sent_on, told (moment of the last
    contact in which its requester could hear how it ended; NaN: none), first_response (until
    government was heard, since its requester first was; NaN when either was not), without_outcome.
    Without outcome is a closed stream of which its requester was told nothing after the intake, or
    one that is open, and silent for longer than `lost_after` microseconds, while it does not wait
    for an answer.
    """
    seen = contacts.groupby("stream").agg(
        journey=("journey", "first"),
        withdrawn=("withdraws", "any"),
        questions=("asks", "sum"),
        latest=("moment", "max"),
    )
    found = streams.loc[seen.index].join(seen)
    refused = contacts["activity"].isin(words.intakes) & (contacts["outcome"] == REJECTED)
    refused &= contacts["top"]
    rejected = contacts[refused].groupby("stream")["moment"].max().reindex(found.index)
    waits = asked.loc[asked["end"] == horizon, "stream"]
    forgotten = found["open"] & (horizon - found["latest"] > lost_after)
    forgotten &= ~found.index.isin(waits)
    told = contacts[contacts["tells"]].groupby("stream")["moment"].max().reindex(found.index)
    closed = ~found["open"] & found["template"].isin(ends)
    latest = found.groupby("journey")["started"].transform("max")
    return found.assign(
        rejected=rejected.fillna(-1).astype(np.int64),
        sent_on=latest > rejected,  # not of one that was not rejected: NaN
        told=told,
        closed=closed,
        first_response=_responses(contacts).reindex(found.index),
        without_outcome=forgotten | (closed & told.isna() & ~found["withdrawn"]),
    )


def _responses(contacts: pd.DataFrame) -> pd.Series:
    """Return by stream how long it took until government was heard, since its requester first was.

    Contacts stand in order, and of one moment in the order in which they were recorded.
    """
    ways = contacts["direction"]
    begun = contacts[ways == IN].drop_duplicates("stream").reset_index(names="row")
    begun = begun.set_index("stream")[["row", "moment"]]
    heard = contacts[ways.isin((OUT, BOTH))]
    since = begun["row"].reindex(heard["stream"]).to_numpy()
    first = (
        heard[heard.index.to_numpy() > since]
        .drop_duplicates("stream")
        .set_index("stream")["moment"]
    )
    return first - begun["moment"]


def failing(contacts: pd.DataFrame, needs: pd.DataFrame, words: Vocabulary) -> pd.DataFrame:
    """Return the contacts with inbound (the requester is heard alone) and fails.

    Demand by failure is a complaint, a call that asks how it stands, an answer to a second or later
    question about one need, and the first call after another was rejected.

    Args:
        contacts: as `cut` returns them.
        needs: as `needs_of` returns them.
        words: what the steps mean.
    """
    calls = contacts["complains"] | contacts["chases"]
    inbound = (contacts["direction"] == IN) | calls
    answers = contacts["activity"].isin(words.answers) & inbound
    again = answers & (answers.groupby(contacts["stream"]).cumsum() > 1)
    refused = needs.loc[needs["sent_on"], ["journey", "rejected"]].sort_values("rejected")
    begun = needs.sort_values(["started", "stream"]).rename_axis("number").reset_index()
    after = pd.merge_asof(
        refused, begun[["journey", "started", "number"]], left_on="rejected", right_on="started",
        by="journey", direction="forward", allow_exact_matches=False,
    )["number"]  # fmt: skip
    anew = ~contacts["stream"].duplicated() & inbound & contacts["stream"].isin(after)
    return contacts.assign(inbound=inbound, fails=calls | again | anew)
