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

    public Result<Uri> Read(string url, string field) => _rules.Read(url, field);

    public async Task<AttemptResult> SendAsync(OutboundMessage message, CancellationToken ct)
    {
        Sent.Enqueue(message);
        var status = await Answer(message).WaitAsync(ct);
        return new AttemptResult(status, status < 300 ? "Delivered." : $"Answered {status}.", null, 1);
    }

    public static string Header(OutboundMessage message, string name) => message.Headers.Single(h => h.Key == name).Value;
}
