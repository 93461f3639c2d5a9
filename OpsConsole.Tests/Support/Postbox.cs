using System.Collections.Concurrent;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Webhooks;
using OpsConsole.Features.Webhooks;

namespace OpsConsole.Tests.Support;

/// <summary>A way out that keeps what is sent and answers as it is told.</summary>
internal sealed class Postbox : IOutbound
{
    private readonly OutboundRules _rules = new([443], []);

    public ConcurrentQueue<OutboundMessage> Sent { get; } = [];
    public Func<OutboundMessage, Task<int>> Answer { get; set; } = _ => Task.FromResult(204);
    /// <summary>What is said with a 2xx, where the message asks for it.</summary>
    public Func<OutboundMessage, string?> Body { get; set; } = _ => null;

    public Result<Uri> Read(string url, string field) => _rules.Read(url, field);

    public async Task<AttemptResult> SendAsync(OutboundMessage message, CancellationToken ct)
    {
        Sent.Enqueue(message);
        var status = await Answer(message).WaitAsync(ct);
        return new AttemptResult(status, status < 300 ? "Delivered." : $"Answered {status}.", null, 1) { Answer = status < 300 && message.KeepAnswer ? Body(message) : null };
    }

    public static string Header(OutboundMessage message, string name) => message.Headers.Single(h => h.Key == name).Value;
}
