//! Folders that are dropped or chosen: every file in them, however deep, with its path.
//!
//! Where a browser has the newer interface (`getAsFileSystemHandle`) it is used: the older one (`webkitGetAsEntry`) hands
//! out no file on a page that was itself opened from a disk.

use js_sys::{Array, AsyncIterator, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DataTransfer, DataTransferItem, File, FileSystemDirectoryEntry, FileSystemDirectoryHandle,
    FileSystemDirectoryReader, FileSystemEntry, FileSystemFileEntry, FileSystemFileHandle,
};

/// What was dropped, as it must be taken while the drop is being handled.
pub(super) struct Dropped(Vec<Item>);

enum Item {
    File(File),
    Thing(Thing),
    /// Becomes a handle.
    Handle(Promise),
}

/// A file, or a folder that is still to be looked into.
enum Thing {
    Handle(JsValue),
    Entry(FileSystemEntry),
}

/// The files of folders.
#[derive(Default)]
pub(super) struct Found {
    /// Each with its path, from the folder's own name on, if it was found in one.
    pub(super) files: Vec<(File, Option<String>)>,
    /// Things that could not be read.
    pub(super) failed: u64,
}

/// The files of a chosen folder, with the paths that the browser gives them.
pub(super) fn chosen(files: Vec<File>) -> Vec<(File, Option<String>)> {
    let with_path = |file: File| {
        let path = Reflect::get(&file, &"webkitRelativePath".into()).ok();
        let path = path.and_then(|p| p.as_string()).filter(|p| !p.is_empty());
        (file, path)
    };
    let mut files: Vec<_> = files.into_iter().map(with_path).collect();
    files.sort_by(|a, b| a.1.cmp(&b.1));
    files
}

impl Dropped {
    /// Takes what was dropped; `None` if there is no folder among it.
    pub(super) fn take(data: &DataTransfer) -> Option<Self> {
        let items = data.items();
        let items: Vec<_> = (0..items.length())
            .filter_map(|i| items.get(i))
            .filter(|item| item.kind() == "file")
            .collect();
        if !items.iter().any(|item| folder(item).is_some()) {
            return None;
        }
        let take = |item: &DataTransferItem| {
            let Some(entry) = folder(item) else {
                return item.get_as_file().ok().flatten().map(Item::File);
            };
            let method = Reflect::get(item, &"getAsFileSystemHandle".into()).ok();
            let method = method.and_then(|m| m.dyn_into::<Function>().ok());
            Some(match method.and_then(|m| m.call0(item).ok()) {
                Some(promise) => Item::Handle(promise.unchecked_into()),
                None => Item::Thing(Thing::Entry(entry)),
            })
        };
        Some(Self(items.iter().filter_map(take).collect()))
    }

    /// Every file, in folders and folders in folders, sorted by path.
    pub(super) async fn files(self) -> Found {
        let mut found = Found::default();
        let mut waiting: Vec<(Thing, String)> = Vec::new();
        for item in self.0 {
            match item {
                Item::File(file) => found.files.push((file, None)),
                Item::Thing(thing) => waiting.push((thing, String::new())),
                Item::Handle(promise) => match JsFuture::from(promise).await {
                    Ok(handle) => waiting.push((Thing::Handle(handle), String::new())),
                    Err(_) => found.failed += 1,
                },
            }
        }
        while let Some((thing, above)) = waiting.pop() {
            let looked = match &thing {
                Thing::Handle(handle) => look_at_handle(handle, &above).await,
                Thing::Entry(entry) => look_at_entry(entry, &above).await,
            };
            match looked {
                Ok((path, Inside::File(file))) => found.files.push((file, Some(path))),
                Ok((path, Inside::Folder(things))) => {
                    waiting.extend(things.into_iter().map(|thing| (thing, path.clone())));
                }
                Err(_) => found.failed += 1,
            }
        }
        found.files.sort_by(|a, b| a.1.cmp(&b.1));
        found
    }
}

/// What a thing turned out to be.
enum Inside {
    File(File),
    Folder(Vec<Thing>),
}

fn folder(item: &DataTransferItem) -> Option<FileSystemEntry> {
    let entry = item.webkit_get_as_entry().ok().flatten();
    entry.filter(FileSystemEntry::is_directory)
}

fn below(above: &str, name: &str) -> String {
    if above.is_empty() {
        name.to_owned()
    } else {
        format!("{above}/{name}")
    }
}

async fn look_at_handle(handle: &JsValue, above: &str) -> Result<(String, Inside), JsValue> {
    let name = Reflect::get(handle, &"name".into())?;
    let path = below(above, &name.as_string().unwrap_or_default());
    if Reflect::get(handle, &"kind".into())? == "file" {
        let handle: &FileSystemFileHandle = handle.unchecked_ref();
        let file = JsFuture::from(handle.get_file()).await?;
        return Ok((path, Inside::File(file.unchecked_into())));
    }
    let folder: &FileSystemDirectoryHandle = handle.unchecked_ref();
    let values: AsyncIterator = folder.values();
    let mut things = Vec::new();
    loop {
        let next = JsFuture::from(values.next()?).await?;
        if Reflect::get(&next, &"done".into())?.is_truthy() {
            return Ok((path, Inside::Folder(things)));
        }
        things.push(Thing::Handle(Reflect::get(&next, &"value".into())?));
    }
}

/// The same with the older interface, which lists a folder by a hundred at a time.
async fn look_at_entry(entry: &FileSystemEntry, above: &str) -> Result<(String, Inside), JsValue> {
    let path = below(above, &entry.name());
    if entry.is_file() {
        let entry: &FileSystemFileEntry = entry.unchecked_ref();
        let asked = Promise::new(&mut |resolve, reject| {
            entry.file_with_callback_and_callback(&resolve, &reject);
        });
        let file = JsFuture::from(asked).await?;
        return Ok((path, Inside::File(file.unchecked_into())));
    }
    let folder: &FileSystemDirectoryEntry = entry.unchecked_ref();
    let reader: FileSystemDirectoryReader = folder.create_reader();
    let mut things = Vec::new();
    loop {
        let asked = Promise::new(&mut |resolve, reject| {
            if let Err(error) = reader.read_entries_with_callback_and_callback(&resolve, &reject) {
                // It rejects the promise, and that throws nothing.
                let _ = reject.call1(&JsValue::NULL, &error);
            }
        });
        let some: Array = JsFuture::from(asked).await?.unchecked_into();
        if some.length() == 0 {
            return Ok((path, Inside::Folder(things)));
        }
        things.extend(some.iter().map(|e| Thing::Entry(e.unchecked_into())));
    }
}
