-- Every statement may run twice. @ stands for the tables' prefix; the types
-- in braces are each dialect's own (see types in its file).

CREATE TABLE IF NOT EXISTS @meta (
  name {key} NOT NULL PRIMARY KEY,
  value {long} NOT NULL
){end};

CREATE TABLE IF NOT EXISTS @lease (
  one {int} NOT NULL PRIMARY KEY,
  holder {long} NOT NULL,
  place {long} NOT NULL,
  what {long} NOT NULL,
  token {big} NOT NULL,
  since {big} NOT NULL,
  expires {big} NOT NULL
){end};

CREATE TABLE IF NOT EXISTS @run (
  run_no {big} NOT NULL PRIMARY KEY,
  kind {key} NOT NULL,
  base {big} NOT NULL,
  serial {big} NOT NULL,
  actor {long} NOT NULL,
  reason {long} NOT NULL,
  environment {long} NOT NULL,
  started {key} NOT NULL,
  finished {key} NOT NULL,
  rules {key} NOT NULL,
  plan {key} NOT NULL,
  totals {long} NOT NULL,
  effects {long} NOT NULL,
  prev {key} NOT NULL,
  content {key} NOT NULL,
  digest {key} NOT NULL,
  discarding {int} NOT NULL,
  done {big} NOT NULL,
  hash_state {blob}
){end};

CREATE TABLE IF NOT EXISTS @source (
  source_no {int} NOT NULL PRIMARY KEY,
  name {key} NOT NULL UNIQUE,
  key_rule {long} NOT NULL,
  shape {long} NOT NULL,
  mark {long} NOT NULL,
  from_run {big} NOT NULL,
  seen_run {big} NOT NULL
){end};

CREATE TABLE IF NOT EXISTS @rule (
  rule_no {int} NOT NULL PRIMARY KEY,
  rule {long} NOT NULL,
  from_run {big} NOT NULL
){end};

CREATE TABLE IF NOT EXISTS @link (
  source_no {int} NOT NULL,
  id_key {key} NOT NULL,
  verbatim {long},
  canonical {key} NOT NULL,
  state {small} NOT NULL,
  kind {small} NOT NULL,
  rule_no {int} NOT NULL,
  from_run {big} NOT NULL,
  since_run {big},
  row_hash {big} NOT NULL,
  row_sum {big} NOT NULL,
  match_keys {blob},
  fields {long},
  PRIMARY KEY (source_no, id_key)
){clustered};

CREATE TABLE IF NOT EXISTS @link_past (
  source_no {int} NOT NULL,
  id_key {key} NOT NULL,
  verbatim {long},
  canonical {key} NOT NULL,
  state {small} NOT NULL,
  kind {small} NOT NULL,
  rule_no {int} NOT NULL,
  from_run {big} NOT NULL,
  since_run {big},
  row_hash {big} NOT NULL,
  row_sum {big} NOT NULL,
  match_keys {blob},
  fields {long},
  until_run {big} NOT NULL,
  PRIMARY KEY (source_no, id_key, from_run)
){clustered};

CREATE INDEX xwalk_link_past_canonical ON @link_past (canonical);

CREATE TABLE IF NOT EXISTS @number (
  canonical {key} NOT NULL PRIMARY KEY,
  state {small} NOT NULL,
  into_number {key} NOT NULL,
  survivor {key} NOT NULL,
  from_run {big} NOT NULL
){clustered};

CREATE INDEX xwalk_number_survivor ON @number (survivor);

CREATE TABLE IF NOT EXISTS @number_past (
  canonical {key} NOT NULL,
  state {small} NOT NULL,
  into_number {key} NOT NULL,
  survivor {key} NOT NULL,
  from_run {big} NOT NULL,
  until_run {big} NOT NULL,
  PRIMARY KEY (canonical, from_run)
){clustered};

CREATE TABLE IF NOT EXISTS @counter (
  prefix {key} NOT NULL PRIMARY KEY,
  last {key} NOT NULL,
  from_run {big} NOT NULL
){end};

CREATE TABLE IF NOT EXISTS @index (
  index_no {int} NOT NULL PRIMARY KEY,
  name {key} NOT NULL UNIQUE,
  from_run {big} NOT NULL
){end};

CREATE TABLE IF NOT EXISTS @segment (
  index_no {int} NOT NULL,
  from_run {big} NOT NULL,
  PRIMARY KEY (index_no, from_run)
){end};

CREATE TABLE IF NOT EXISTS @match (
  index_no {int} NOT NULL,
  from_run {big} NOT NULL,
  low {big} NOT NULL,
  page_no {int} NOT NULL,
  page {blob} NOT NULL,
  PRIMARY KEY (index_no, from_run, low, page_no)
){end};

CREATE TABLE IF NOT EXISTS @review (
  review {key} NOT NULL,
  left_source {int} NOT NULL,
  left_key {key} NOT NULL,
  right_source {int} NOT NULL,
  right_key {key} NOT NULL,
  score {real} NOT NULL,
  evidence {long} NOT NULL,
  from_run {big} NOT NULL,
  until_run {big} NOT NULL,
  PRIMARY KEY (review, from_run)
){end};
