-- +goose Up
-- What a thread proposes is hidden with the thread; of those hidden before, the wording stood in the text still.
update suggestion set hidden = true where thread in (select id from thread where hidden = true);
