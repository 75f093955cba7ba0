-- Descriptions as they are shown: rendered when they are written, not for each who reads.

alter table events add column description_html text;
-- What it was rendered from and how: where this is another, as after an older node changed the text, it is rendered anew.
alter table events add column description_rendered blob;
