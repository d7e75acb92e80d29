ALTER TABLE "handover" ADD COLUMN "taking_notes" text;--> statement-breakpoint
ALTER TABLE "incident" ADD COLUMN "closed_by" integer;--> statement-breakpoint
ALTER TABLE "incident" ADD COLUMN "closed_reason" text;--> statement-breakpoint
ALTER TABLE "incident" ADD CONSTRAINT "incident_closed_by_officer_id_fk" FOREIGN KEY ("closed_by") REFERENCES "public"."officer"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "handover_waiting" ON "handover" USING btree (coalesce("precinct_id", 0),coalesce("station_id", 0)) WHERE "handover"."taken_at" is null;--> statement-breakpoint
-- What two people have signed stays as they signed it, whoever asks: only the second signature is added, once.
create function keep_handover() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.taken_at is null and new.taken_at is not null and new.taking_id is not null
    and (old.id, old.precinct_id, old.station_id, old.notes, old.contents, old.leaving_id, old.left_at)
      is not distinct from (new.id, new.precinct_id, new.station_id, new.notes, new.contents, new.leaving_id, new.left_at)
  then
    return new;
  end if;
  raise exception 'A signed handover is not changed.';
end $$;
--> statement-breakpoint
create trigger handover_kept before update or delete on handover for each row execute function keep_handover();
