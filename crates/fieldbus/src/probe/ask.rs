//! One question at a time, on a line nobody knows yet.

use super::{ProbeError, Reply};
use crate::line::wire::{self, Stray, Wire, holds_answer};
use dutypoint_engine::config::Endpoint;
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::time::{sleep, timeout};
use tokio_modbus::client::{Client as _, Context, rtu, tcp};
use tokio_modbus::prelude::ReadCode;
use tokio_modbus::slave::{Slave, SlaveContext as _};
use tokio_modbus::{ExceptionCode, Request, Response};

/// Longest wait for a connection to stand.
const CONNECT: Duration = Duration::from_secs(3);
/// Silence after which nobody still speaks.
const CALM: Duration = Duration::from_millis(100);
/// Most silence that is waited for; who speaks on is not answering us.
const RESTLESS: Duration = Duration::from_secs(3);

/// An open line.
pub(super) struct Asker {
    endpoint: Endpoint,
    patience: Duration,
    pause: Duration,
    open: Option<(Wire, Context)>,
    /// Whether something came back that was no answer: a sign of the wrong baud rate.
    pub(super) noise: bool,
}

impl Asker {
    pub(super) fn new(endpoint: &Endpoint, patience: Duration, pause: Duration) -> Self {
        // The request, the answer and the silence between them take their time on the wire.
        let byte = match endpoint {
            Endpoint::Rtu { baud, .. } => Duration::from_secs(11) / (*baud).max(1),
            Endpoint::Tcp { .. } | Endpoint::RtuTcp { .. } => Duration::ZERO,
        };
        Self {
            endpoint: endpoint.clone(),
            patience: patience + byte * 24,
            pause: pause.max(byte * 8),
            open: None,
            noise: false,
        }
    }

    fn numbered(&self) -> bool {
        matches!(self.endpoint, Endpoint::Tcp { .. })
    }

    fn opened(&mut self, wire: Wire) {
        let client = if self.numbered() {
            tcp::attach(wire.clone())
        } else {
            rtu::attach(wire.clone())
        };
        self.open = Some((wire, client));
    }

    /// Opens the line, where it is not open.
    pub(super) async fn ready(&mut self) -> Result<(), ProbeError> {
        if self.open.is_some() {
            return Ok(());
        }
        let stream = wire::open(&self.endpoint, CONNECT).await;
        let stream = stream.map_err(|error| ProbeError::Open {
            port: self.endpoint.port().to_owned(),
            why: error.to_string(),
        })?;
        self.opened(Wire::new(stream, false));
        Ok(())
    }

    /// Listens for `long`: on a line of our own nobody speaks unasked.
    pub(super) async fn listen(&mut self, long: Duration) -> Result<(), ProbeError> {
        self.ready().await?;
        if self.numbered() {
            return Ok(());
        }
        let end = tokio::time::Instant::now() + long;
        loop {
            self.undisturbed()?;
            if tokio::time::Instant::now() >= end {
                return Ok(());
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    fn undisturbed(&mut self) -> Result<(), ProbeError> {
        let Some((wire, _)) = &self.open else {
            return Ok(());
        };
        let mut strays = Vec::new();
        match wire.discard(&mut strays) {
            Stray::Discarded if !self.numbered() => Err(ProbeError::Busy {
                port: self.endpoint.port().to_owned(),
                bytes: strays.len().max(1),
            }),
            Stray::Closed => {
                self.open = None;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    async fn call(
        &mut self,
        unit: u8,
        request: Request<'static>,
    ) -> Result<Result<Response, Reply>, ProbeError> {
        sleep(self.pause).await;
        self.undisturbed()?;
        self.ready().await?;
        let Some((wire, client)) = &mut self.open else {
            return Ok(Err(Reply::Silence));
        };
        client.set_slave(Slave(unit));
        match timeout(self.patience, client.call(request)).await {
            Ok(Ok(Ok(response))) => return Ok(Ok(response)),
            Ok(Ok(Err(exception))) => return Ok(Err(of_exception(exception))),
            Ok(Err(_)) | Err(_) => {}
        }
        // No answer, or none that can be trusted: whatever still comes belongs to it.
        let mut wire = wire.clone();
        if self.numbered() {
            self.open = None;
            return Ok(Err(Reply::Silence));
        }
        let mut waste = [0; 256];
        let calm = async { while let Ok(Ok(1..)) = timeout(CALM, wire.read(&mut waste)).await {} };
        if timeout(RESTLESS, calm).await.is_err() {
            return Err(ProbeError::Busy {
                port: self.endpoint.port().to_owned(),
                bytes: wire.taken().len(),
            });
        }
        let came = wire.taken();
        self.opened(wire);
        if holds_answer(&came, unit) {
            return Ok(Err(Reply::Late));
        }
        self.noise |= !came.is_empty();
        Ok(Err(Reply::Silence))
    }

    /// Reads `count` registers.
    pub(super) async fn read(
        &mut self,
        unit: u8,
        function: u8,
        address: u16,
        count: u16,
    ) -> Result<Reply, ProbeError> {
        let request = match function {
            4 => Request::ReadInputRegisters(address, count),
            _ => Request::ReadHoldingRegisters(address, count),
        };
        Ok(match self.call(unit, request).await? {
            Ok(Response::ReadHoldingRegisters(words) | Response::ReadInputRegisters(words))
                if words.len() == usize::from(count) =>
            {
                Reply::Words(words)
            }
            Ok(_) => Reply::Silence,
            Err(reply) => reply,
        })
    }

    /// Reads the basic identification, function 43/14: object and text.
    pub(super) async fn identification(
        &mut self,
        unit: u8,
    ) -> Result<Vec<(u8, String)>, ProbeError> {
        let request = Request::ReadDeviceIdentification(ReadCode::Basic, 0);
        Ok(match self.call(unit, request).await? {
            Ok(Response::ReadDeviceIdentification(said)) => said
                .device_id_objects
                .iter()
                .map(|o| (o.id, String::from_utf8_lossy(&o.value).trim().to_owned()))
                .collect(),
            _ => Vec::new(),
        })
    }
}

/// A gateway that finds nobody behind it speaks for itself.
fn of_exception(exception: ExceptionCode) -> Reply {
    match exception {
        ExceptionCode::GatewayPathUnavailable | ExceptionCode::GatewayTargetDevice => {
            Reply::Silence
        }
        other => Reply::Exception(other.into()),
    }
}
