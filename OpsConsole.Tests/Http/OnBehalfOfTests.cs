using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.Spine;

namespace OpsConsole.Http;

/// <summary>For whom an agent acts: that person may not approve it, however the agent spells them.</summary>
public sealed class OnBehalfOfTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;

    public async Task InitializeAsync() => _host = await ConsoleHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private static object Refund(string? onBehalfOf) => new { action = "refund.create", arguments = new { amount = 300 }, confidence = 0.9, on_behalf_of = onBehalfOf };

    [Fact]
    public async Task Copilot_NamesAnActivePersonExactly()
    {
        var spine = await BuildAsync(_host, agent: "copilot");
        foreach (var wrong in (string?[])[null, " ", "nobody@example.com", "dana\u200B@example.com", "Dana <dana@example.com>", "d\u0430na@example.com", "dana@example.com,lee@example.com"])
        {
            var refused = await spine.AskAsync(Refund(wrong), 400);
            Assert.Equal(("field.invalid", "on_behalf_of"), (refused.GetProperty("code").GetString(), refused.GetProperty("field").GetString()));
        }
        foreach (var spelled in (string?[])["dana@example.com", " Dana@Example.com "])
        {
            var asked = await spine.AskAsync(Refund(spelled), 202);
            await spine.DecideAsync(spine.Dana, asked, new { verdict = "approve" }, 403);
            var view = await ConsoleHost.GetAsync(spine.Lee, "/api/v1/approvals/" + asked.GetProperty("approval").GetProperty("id").GetString());
            Assert.Equal("dana@example.com", view.GetProperty("on_behalf_of").GetString());
            await spine.DecideAsync(spine.Lee, asked, new { verdict = "approve" });
        }
    }

    [Fact]
    public async Task Autonomous_MayActForACustomer_ButAKnownPersonIsRecognised()
    {
        var spine = await BuildAsync(_host);
        var customer = await spine.AskAsync(Refund("Ms Customer, booking 12"), 202);
        await spine.DecideAsync(spine.Dana, customer, new { verdict = "approve" });
        var dana = await spine.AskAsync(Refund("Dana <DANA@exam\u200Bple.com>"), 202);
        await spine.DecideAsync(spine.Dana, dana, new { verdict = "approve" }, 403);
        await spine.DecideAsync(spine.Lee, dana, new { verdict = "approve" });
    }
}
