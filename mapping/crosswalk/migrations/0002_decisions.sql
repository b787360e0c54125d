-- What people decide, what they are looking at, and the matching models.

CREATE TABLE IF NOT EXISTS @decision (
  decision_no {big} NOT NULL PRIMARY KEY,
  left_source {key} NOT NULL,
  left_key {key} NOT NULL,
  right_source {key} NOT NULL,
  right_key {key} NOT NULL,
  verdict {small} NOT NULL,
  review {key} NOT NULL,
  actor {long} NOT NULL,
  reason {long} NOT NULL,
  decided {key} NOT NULL,
  digest {key} NOT NULL
){end};

CREATE INDEX xwalk_decision_left ON @decision (left_key);

CREATE INDEX xwalk_decision_review ON @decision (review);

-- The number of the last decision. Whoever adds one locks this row.
INSERT INTO @meta (name, value)
SELECT 'decisions', '0' FROM @meta
WHERE name = 'head' AND NOT EXISTS (SELECT 1 FROM @meta WHERE name = 'decisions');

CREATE TABLE IF NOT EXISTS @claim (
  review {key} NOT NULL PRIMARY KEY,
  actor {long} NOT NULL,
  expires {big} NOT NULL
){end};

CREATE TABLE IF NOT EXISTS @model (
  from_run {big} NOT NULL PRIMARY KEY,
  model {blob} NOT NULL
){end};
