-- name: visits_in_rooms :many
SELECT v.id, v.member, r.name, r.height
FROM shop.visits AS v JOIN shop.rooms AS r ON r.id = v.room
WHERE v.room IN (:rooms...) ORDER BY v.since;

-- name: protegees :many
-- :sponsor member_id null
-- scan ok: who has no sponsor is in no order
SELECT id, name FROM shop.members WHERE sponsor IS :sponsor ORDER BY id;

-- name: names_of :many
SELECT id, name FROM shop.members WHERE id IN (:ids...) ORDER BY id;

-- name: move_room :execrows
UPDATE shop.rooms SET behind = :behind, height = :height WHERE name = :name;
