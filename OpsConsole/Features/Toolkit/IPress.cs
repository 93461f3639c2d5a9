using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Toolkit;

/// <summary>
/// Turns self-contained HTML into a PDF. Page sizes and orientation are the document's own (CSS <c>@page</c>, named pages too); the PDF is tagged and has the headings
/// as its outline. Nothing outside the document is fetched and its scripts do not run: styles stand in it, images and fonts are <c>data:</c> addresses;
/// links lead to places in it or are absolute (the PDF would keep a relative one as a path of this machine).
/// </summary>
public interface IPress
{
    /// <summary>What a document may do, wherever it is opened (Content-Security-Policy): use what stands in it; no script, no request.</summary>
    const string Policy = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:; base-uri 'none'; form-action 'none'";

    /// <summary>Null when it can print; else what is missing and what to do about it. Looked up each time, so that what was installed meanwhile is found.</summary>
    string? Missing { get; }

    /// <summary>
    /// The PDF, or a fault: <c>press.missing</c> (no browser here), <c>press.busy</c> (too many wait already), <c>press.too_large</c> (the document or its PDF), <c>press.failed</c>
    /// (tried twice), or the document's own. Waits for its turn first. Cancelling ends the browser and throws <see cref="OperationCanceledException"/>. Nothing is left behind either way.
    /// </summary>
    /// <param name="html">Sets the document when its turn has come: twenty who want one at the same moment are no rush of work, and none prints what was read long before.</param>
    Task<Result<byte[]>> PrintAsync(Func<Task<Result<string>>> html, CancellationToken ct);
}
