//! Settling: what an answer, or none, means for its batch.

use super::*;

/// Characters of the server's words that an error repeats.
const WORDS_MAX: usize = 200;

impl Engine {
    pub(super) fn answered(&mut self, request: RequestId, answer: &Answer) {
        // Nobody waits for a request that timed out; its batch may be in flight again.
        let Some(index) = self.index_of(request) else { return };
        match self.wire.judge(answer) {
            Verdict::Delivered => {
                self.backoff.succeeded();
                let count = self.batches.remove(index).counted();
                self.counts.delivered = self.counts.delivered.saturating_add(count as u64);
            }
            Verdict::Retry(after) => {
                self.backoff.failed(self.now, after, &mut self.rng);
                self.wait_or_give_up(index, Trouble::Status(answer.status), &answer.body);
            }
            Verdict::RefusedSome(code) => {
                self.backoff.succeeded();
                self.split_or_reject(index, code, answer);
            }
            Verdict::RefusedAll(code) => {
                self.backoff.succeeded();
                self.reject(index, code, answer);
            }
        }
    }

    pub(super) fn failed(&mut self, request: RequestId, abort: bool) {
        let Some(index) = self.index_of(request) else { return };
        if abort {
            self.outputs.push(Output::Abort(request));
        }
        self.backoff.failed(self.now, None, &mut self.rng);
        self.wait_or_give_up(index, if abort { Trouble::Timeout } else { Trouble::Network }, "");
    }

    pub(super) fn index_of(&self, request: RequestId) -> Option<usize> {
        self.batches.iter().position(|batch| batch.request() == Some(request))
    }

    pub(super) fn wait_or_give_up(&mut self, index: usize, trouble: Trouble, words: &str) {
        let Some(batch) = self.batches.get_mut(index) else { return };
        batch.state = State::Waiting;
        batch.trouble = trouble;
        batch.failures = batch.failures.saturating_add(1);
        if self.policy.attempts_max.is_some_and(|most| batch.failures >= most) {
            let message = told("gave up after the last of maxAttempts failed", words);
            let mut error = Error::new(Code::Expired, message);
            if let Trouble::Status(status) = trouble {
                error.status = Some(status);
            }
            let batch = self.batches.remove(index);
            self.give_up(batch.into_events(), error);
        }
    }

    pub(super) fn split_or_reject(&mut self, index: usize, code: Code, answer: &Answer) {
        if self.batches.get(index).is_some_and(|batch| batch.events().len() > 1) {
            let (older, newer) = self.batches.remove(index).split();
            self.batches.insert(index, newer);
            self.batches.insert(index, older);
        } else {
            self.reject(index, code, answer);
        }
    }

    pub(super) fn reject(&mut self, index: usize, code: Code, answer: &Answer) {
        let batch = self.batches.remove(index);
        self.counts.rejected = self.counts.rejected.saturating_add(batch.counted() as u64);
        let message = told("the server refused the event for good", &answer.body);
        let mut error = Error::new(code, message);
        error.status = Some(answer.status);
        self.dead_letter(error, batch.into_events().into_iter().map(|held| held.event).collect());
    }

    pub(super) fn give_up(&mut self, events: impl IntoIterator<Item = Held>, error: Error) {
        let events: Vec<Event> = events.into_iter().map(|held| held.event).collect();
        if !events.is_empty() {
            let count = events.iter().filter(|event| !event.control).count();
            self.counts.expired = self.counts.expired.saturating_add(count as u64);
            self.dead_letter(error, events);
        }
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
