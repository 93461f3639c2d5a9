using System.Net;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Access;
using OpsConsole.Core.Toolkit;
using OpsConsole.Features.Toolkit;
using OpsConsole.Tests.Support;
using Xunit;

namespace OpsConsole.Http;

/// <summary>Whom an evidence sheet names for a decision: the people who decided; the rule only where it decided itself.</summary>
public sealed class EvidenceSheetTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _spine = await Spine.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(20, null, "▷ allowed", "rule R-4 of matrix version 1")]
    [InlineData(5000, null, "✗ denied", "rule R-2 of matrix version 1")]
    [InlineData(300, null, "◔ waits for a person", "nobody yet (asked for by rule R-3 of matrix version 1)")]
    [InlineData(300, "approve", "▷ allowed", "dana approved (asked for by rule R-3 of matrix version 1)")]
    [InlineData(300, "reject", "✗ denied", "dana rejected (asked for by rule R-3 of matrix version 1)")]
    public async Task Sheet_NamesWhoDecided(int amount, string? verdict, string outcome, string decider)
    {
        var asked = await _spine.RefundAsync(amount, amount == 300 ? 202 : 200);
        if (verdict is not null) await _spine.DecideAsync(_spine.Dana, asked, new { verdict, reason = "looked at" });
        var person = _host.Writer.State.Directory.People.Values.First(p => p.Email == ConsoleHost.AdminEmail);
        var html = WebUtility.HtmlDecode((await _host.Services.GetRequiredService<ToolkitDesk>().PreviewAsync(new PersonCaller(person, null, "session"), Spine.Id(asked), Paper.A4, default)).Value);
        Assert.Contains($">{outcome}<", html, StringComparison.Ordinal);
        Assert.Contains($"<dt>Decided by</dt><dd>{decider}</dd>", html, StringComparison.Ordinal);
        Assert.Contains(asked.GetProperty("digest").GetString()!, html, StringComparison.Ordinal);
        Assert.DoesNotContain(OpsConsole.Features.Toolkit.Ui.Print.Printing.Simulated, html, StringComparison.Ordinal);
    }
}
