//! The page: mounts a viewer on the element with the id `auditglass`, or on the body where there is none.

fn main() {
    auditglass_web::mount_page();
}
