using OpsConsole.Core.Shared;
using OpsConsole.Core.Webhooks;

namespace OpsConsole.Features.Webhooks;

/// <summary>One message to an address that somebody else chose.</summary>
/// <param name="KeepAnswer">What a receiver says with a 2xx is wanted: <see cref="AttemptResult.Answer"/>.</param>
public sealed record OutboundMessage(Uri To, byte[] Body, string ContentType, IReadOnlyList<KeyValuePair<string, string>> Headers, bool KeepAnswer = false);

/// <summary>The way out (protocols 6.5). The one that is real guards every connection; tests take a slow, deaf or hostile one.</summary>
public interface IOutbound
{
    /// <summary>Whether an address may be sent to at all; fault <c>field.invalid</c>. A name is looked up only when a message goes there.</summary>
    Result<Uri> Read(string url, string field);

    /// <summary>Sends it and says what came of it; never throws but for <paramref name="ct"/>. Nothing of the answer but its status and <c>Retry-After</c> is kept, unless the message asks for it.</summary>
    Task<AttemptResult> SendAsync(OutboundMessage message, CancellationToken ct);
}
