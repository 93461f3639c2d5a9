using System.Globalization;
using OpsConsole.Core.Webhooks;

namespace OpsConsole.Features.Webhooks;

/// <summary>Sends messages to the endpoints of a team, signed at each attempt with what signs then (Standard Webhooks).</summary>
public sealed class SignedSender
{
    private readonly WebhookKeys _keys;
    private readonly IOutbound _outbound;
    private readonly TimeProvider _time;

    internal SignedSender(WebhookKeys keys, IOutbound outbound, TimeProvider time) => (_keys, _outbound, _time) = (keys, outbound, time);

    /// <summary>One attempt; never throws but for <paramref name="ct"/>.</summary>
    /// <param name="id"><c>webhook-id</c>: the same at every attempt, so that receivers tell repetitions.</param>
    /// <param name="keepAnswer">The receiver's words are wanted.</param>
    public Task<AttemptResult> SendAsync(WebhookEndpoint endpoint, string id, byte[] body, string contentType, bool keepAnswer, CancellationToken ct)
    {
        var now = _time.GetUtcNow();
        if (_keys.Open(endpoint, now) is not { } signing) return Task.FromResult(new AttemptResult(null, "Not sent: this instance cannot open the secret. Instances have to share the folder of keys (OpsConsole:Data:Directory).", null, 0));
        var url = _outbound.Read(endpoint.Url, "url");
        if (url.Fault is { } closed) return Task.FromResult(new AttemptResult(null, "Blocked: " + closed.Message, null, 0));
        var at = now.ToUnixTimeSeconds();
        return _outbound.SendAsync(new OutboundMessage(url.Value, body, contentType,
        [
            new("webhook-id", id), new("webhook-timestamp", at.ToString(CultureInfo.InvariantCulture)), new("webhook-signature", WebhookSignature.Header(id, at, body, signing)),
        ], keepAnswer), ct);
    }
}
