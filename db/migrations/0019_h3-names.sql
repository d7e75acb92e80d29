-- Columns of H3 cells were named by a rule that parts letters from digits twice (h3_r_8).
ALTER TABLE "incident" RENAME COLUMN "h3_r_8" TO "h3_r8";
--> statement-breakpoint
ALTER TABLE "incident" RENAME COLUMN "h3_r_9" TO "h3_r9";
--> statement-breakpoint
ALTER TABLE "incident" RENAME COLUMN "h3_r_10" TO "h3_r10";
--> statement-breakpoint
ALTER TABLE "patrol_point" RENAME COLUMN "h3_r_8" TO "h3_r8";
--> statement-breakpoint
ALTER TABLE "patrol_point" RENAME COLUMN "h3_r_9" TO "h3_r9";
--> statement-breakpoint
ALTER TABLE "patrol_point" RENAME COLUMN "h3_r_10" TO "h3_r10";
--> statement-breakpoint
ALTER INDEX "incident_h3_r_9_occurred_at_index" RENAME TO "incident_h3_r9_occurred_at_index";
--> statement-breakpoint
-- As before, by the new name: a function's text does not follow a renamed column.
create or replace function touch_incident_cells() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into incident_cell_touched (source, category, cell) select distinct source, category, h3_r9 from after_rows;
  elsif tg_op = 'DELETE' then
    insert into incident_cell_touched (source, category, cell) select distinct source, category, h3_r9 from before_rows;
  else
    -- An incident that is only dispatched or closed stays where it counts.
    insert into incident_cell_touched (source, category, cell)
    select distinct moved.* from before_rows b join after_rows a using (id)
    cross join lateral (values (a.source, a.category, a.h3_r9), (b.source, b.category, b.h3_r9)) moved
    where (a.source, a.category, a.occurred_at, a.h3_r9) is distinct from (b.source, b.category, b.occurred_at, b.h3_r9);
  end if;
  return null;
end $$;
