//! Settling: what an answer, or none, means for its batch.

use super::*;

/// Characters of the server's words that an error repeats.
const WORDS_MAX: usize = 200;

impl Engine {
    pub(super) fn answered(&mut self, request: RequestId, answer: &Answer) {
        // Nobody waits for a request that timed out; its batch may be in flight again.
        let Some(index) = self.index_of(request) else { return };
        self.crowded = false;
        let verdict = self.wire.judge(answer);
        if let Verdict::Retry(after) = verdict {
            self.in_trouble(after);
            return self.wait_or_give_up(index, Trouble::Status(answer.status), &answer.body);
        }
        if self.backoff.is_open() {
            self.outputs.push(Output::Tell(None));
        }
        self.backoff.succeeded();
        match verdict {
            Verdict::RefusedSome(code) => self.split_or_reject(index, code, answer),
            Verdict::RefusedAll(code) => self.reject(index, code, answer),
            _ => self.delivered(index),
        }
    }

    /// With the batch, all that was handed over earlier and whose answer nobody heard.
    fn delivered(&mut self, index: usize) {
        let mut next = Some(index);
        while let Some(index) = next {
            let batch = self.batches.remove(index);
            self.counts.delivered = self.counts.delivered.saturating_add(batch.counted() as u64);
            mark_all(&mut self.marks, Mark::Settled, &batch);
            next = self.batches.iter().position(|batch| batch.state == State::Left);
        }
    }

    /// The server does not answer as it should: what was handed over to it may be lost.
    fn in_trouble(&mut self, after: Option<Millis>) {
        self.backoff.failed(self.now, after, &mut self.rng);
        self.outputs.push(Output::Tell(Some(self.backoff.until())));
        for batch in &mut self.batches {
            if batch.state == State::Left {
                batch.state = State::Waiting;
                returned(&mut self.marks, batch);
            }
        }
    }

    /// The request was not handed over: not yet when the page hid, or there was no room for it to
    /// outlive the page. Where that is so, nothing else finds any.
    pub(super) fn unsent(&mut self, request: RequestId) {
        if let Some(batch) = self.index_of(request).and_then(|index| self.batches.get_mut(index)) {
            batch.state = State::Waiting;
            returned(&mut self.marks, batch);
            self.crowded = true;
        }
    }

    /// The request outlives the page, which may never hear its answer. Where nothing speaks for the
    /// server, its events are not marked: a later visit sends them again, and the server knows them by
    /// their ids.
    pub(super) fn kept(&mut self, request: RequestId) {
        let speaks_for_it = self.backoff.heard().unwrap_or(
            self.policy.trusts_unheard && self.now < self.first_sent.plus(Policy::UNHEARD_MAX_MS),
        );
        if let Some(batch) = self.index_of(request).and_then(|index| self.batches.get_mut(index))
            && !batch.is_left
            && speaks_for_it
        {
            batch.is_left = true;
            mark_all(&mut self.marks, Mark::Left, batch);
        }
    }

    pub(super) fn failed(&mut self, request: RequestId, abort: bool) {
        let Some(index) = self.index_of(request) else { return };
        self.crowded = false;
        if abort {
            self.outputs.push(Output::Abort(request));
        }
        self.in_trouble(None);
        self.wait_or_give_up(index, if abort { Trouble::Timeout } else { Trouble::Network }, "");
    }

    pub(super) fn index_of(&self, request: RequestId) -> Option<usize> {
        self.batches.iter().position(|batch| batch.request() == Some(request))
    }

    pub(super) fn wait_or_give_up(&mut self, index: usize, trouble: Trouble, words: &str) {
        let Some(batch) = self.batches.get_mut(index) else { return };
        batch.state = State::Waiting;
        returned(&mut self.marks, batch);
        batch.trouble = trouble;
        batch.failures = batch.failures.saturating_add(1);
        if self.policy.attempts_max.is_some_and(|most| batch.failures >= most) {
            let message = told("gave up after the last of maxAttempts failed", words);
            let mut error = Error::new(Code::Expired, message);
            if let Trouble::Status(status) = trouble {
                error.status = Some(status);
            }
            let batch = self.batches.remove(index);
            self.lose(batch.into_events(), Fate::Expired, error);
        }
    }

    pub(super) fn split_or_reject(&mut self, index: usize, code: Code, answer: &Answer) {
        if let Some(batch) = self.batches.get_mut(index)
            && batch.events().len() > 1
        {
            returned(&mut self.marks, batch);
            let (older, newer) = self.batches.remove(index).split();
            self.batches.insert(index, newer);
            self.batches.insert(index, older);
        } else {
            self.reject(index, code, answer);
        }
    }

    pub(super) fn reject(&mut self, index: usize, code: Code, answer: &Answer) {
        let message = told("the server refused the event for good", &answer.body);
        let mut error = Error::new(code, message);
        error.status = Some(answer.status);
        let batch = self.batches.remove(index);
        self.lose(batch.into_events(), Fate::Rejected, error);
    }

    /// These will not be delivered: counts them and tells why. Equal reasons in a row become one
    /// output; what is not the user's is told by its reason alone.
    pub(super) fn lose(&mut self, events: Vec<Held>, fate: Fate, error: Error) {
        if events.is_empty() {
            return;
        }
        match self.outputs.last() {
            Some(Output::DeadLetter(last, _)) if *last == error => {}
            _ => self.outputs.push(Output::DeadLetter(error, Vec::new())),
        }
        let counter = match fate {
            Fate::Rejected => &mut self.counts.rejected,
            Fate::Expired => &mut self.counts.expired,
            Fate::Dropped => &mut self.counts.dropped,
        };
        for held in events {
            Engine::mark(&mut self.marks, Mark::Settled, &held);
            if !held.event.control
                && let Some(Output::DeadLetter(_, list)) = self.outputs.last_mut()
            {
                *counter = counter.saturating_add(1);
                list.push(held.sequence);
            }
        }
    }
}

/// The batch is this page's own again.
fn returned(marks: &mut Vec<(Mark, u64, u64)>, batch: &mut Batch) {
    if std::mem::take(&mut batch.is_left) {
        mark_all(marks, Mark::Returned, batch);
    }
}

fn mark_all(marks: &mut Vec<(Mark, u64, u64)>, mark: Mark, batch: &Batch) {
    for held in batch.events() {
        Engine::mark(marks, mark, held);
    }
}

/// A sentence, and the server's own words: they tell a full account from a wrong key.
fn told(sentence: &str, words: &str) -> String {
    let mut message = String::from(sentence);
    if !words.is_empty() {
        message.push_str(": ");
        message.extend(words.chars().take(WORDS_MAX));
    }
    message
}
