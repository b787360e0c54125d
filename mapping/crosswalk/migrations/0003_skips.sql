-- Who passed which review over, the last time.

CREATE TABLE IF NOT EXISTS @skip (
  review {key} NOT NULL,
  actor {key} NOT NULL,
  skip_no {big} NOT NULL,
  reason {long} NOT NULL,
  skipped {key} NOT NULL,
  PRIMARY KEY (review, actor)
){end};
