-- Who was forgotten, who approved which plan, and what meant a number once.

CREATE TABLE IF NOT EXISTS @erased (
  source_no {int} NOT NULL,
  key_hash {key} NOT NULL,
  canonical {key} NOT NULL,
  from_run {big} NOT NULL,
  PRIMARY KEY (source_no, key_hash)
){end};

CREATE TABLE IF NOT EXISTS @approval (
  plan {key} NOT NULL,
  actor {key} NOT NULL,
  reason {long} NOT NULL,
  approved {key} NOT NULL,
  PRIMARY KEY (plan, actor)
){end};

CREATE INDEX xwalk_number_past_survivor ON @number_past (survivor);

-- Rows that were there before have none.
ALTER TABLE @number ADD COLUMN row_sum {big};

ALTER TABLE @number_past ADD COLUMN row_sum {big};

ALTER TABLE @review ADD COLUMN row_sum {big};

ALTER TABLE @match ADD COLUMN row_sum {big};
