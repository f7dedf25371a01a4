//! Settings of the whole service, which are kept and shown, and change nothing yet: how traces are
//! encrypted, how many are indexed, where segments go.

use std::sync::Arc;

use store::Documents;
use wire::Micros;
use wire::api::Error;
use wire::api::settings::{
    Destination, EncryptionType, PutEncryptionConfigRequest, UpdateIndexingRuleRequest,
    UpdateTraceSegmentDestinationRequest,
};
use wire::control::{Stored, StoredIndexing, StoredSettings};

use crate::control::{self, Kept, Setting};

/// The only indexing rule.
pub(crate) const INDEXING_RULE: &str = "Default";

/// What is indexed of the traces when nobody says so.
///
/// Source: Transaction Search, user guide.
const UNTOUCHED_INDEXING: StoredIndexing =
    StoredIndexing { desired_sampling_percentage: 1.0, modified_micros: 0 };

/// The settings there are.
pub(crate) struct Settings {
    kept: Kept<StoredSettings>,
}

impl Setting for StoredSettings {
    const DOCUMENT: &'static str = "settings";

    fn encode(&self) -> Vec<u8> {
        Stored::encode(self)
    }
}

impl Settings {
    pub(crate) fn open(documents: Arc<Documents>) -> Result<Self, control::Error> {
        let load =
            |bytes: Option<&[u8]>| bytes.map_or_else(|| Ok(Default::default()), Stored::decode);
        Ok(Self { kept: Kept::open(documents, load)? })
    }

    /// Returns the key that traces are to be encrypted with, if one was given.
    pub(crate) fn encryption_key_id(&self) -> Option<String> {
        self.kept.now().encryption_key_id.clone()
    }

    /// Returns what is to be indexed.
    pub(crate) fn indexing(&self) -> StoredIndexing {
        self.kept.now().indexing.unwrap_or(UNTOUCHED_INDEXING)
    }

    /// Returns where segments are to go.
    pub(crate) fn destination(&self) -> Destination {
        self.kept.now().destination
    }

    /// Changes how traces are to be encrypted; returns the key.
    pub(crate) fn encrypt(
        &self,
        request: PutEncryptionConfigRequest,
    ) -> Result<Option<String>, Error> {
        let PutEncryptionConfigRequest { key_id, encryption_type } = request;
        match (encryption_type, &key_id) {
            (EncryptionType::Kms, None) => {
                return Err(Error::invalid_request("KeyId is required when Type is KMS"));
            }
            (EncryptionType::None, Some(_)) => {
                return Err(Error::invalid_request("KeyId must be omitted when Type is NONE"));
            }
            _ => {}
        }
        self.kept.change(|settings| {
            settings.encryption_key_id.clone_from(&key_id);
            Ok(key_id)
        })
    }

    /// Changes what is to be indexed.
    pub(crate) fn index(
        &self,
        request: &UpdateIndexingRuleRequest,
        now: Micros,
    ) -> Result<StoredIndexing, Error> {
        if request.name != INDEXING_RULE {
            return Err(Error::resource_not_found(&request.name));
        }
        let percentage = request
            .desired_sampling_percentage
            .ok_or_else(|| Error::invalid_request("Rule must contain Probabilistic"))?;
        if !(0.0..=100.0).contains(&percentage) {
            return Err(Error::invalid_request(
                "DesiredSamplingPercentage must be between 0 and 100",
            ));
        }
        let indexing = StoredIndexing {
            desired_sampling_percentage: percentage,
            modified_micros: now.floor_second().0,
        };
        self.kept.change(|settings| {
            settings.indexing = Some(indexing);
            Ok(indexing)
        })
    }

    /// Changes where segments are to go; returns where that is, and whether it was another place
    /// before.
    pub(crate) fn send(
        &self,
        request: UpdateTraceSegmentDestinationRequest,
    ) -> Result<(Destination, bool), Error> {
        let destination = request
            .destination
            .ok_or_else(|| Error::invalid_request("Request must contain a destination"))?;
        if destination == Destination::XRay && request.cloud_watch_logs.is_some() {
            return Err(Error::invalid_request(
                "CloudWatchLogsConfiguration is only allowed with destination CloudWatchLogs",
            ));
        }
        let key_id = request.cloud_watch_logs.and_then(|logs| logs.spans_log_group_kms_key_id);
        self.kept.change(|settings| {
            let is_new = settings.destination != destination;
            settings.destination = destination;
            settings.destination_key_id = key_id;
            Ok((destination, is_new))
        })
    }
}
