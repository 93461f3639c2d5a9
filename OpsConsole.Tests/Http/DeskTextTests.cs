using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Approvals;
using OpsConsole.Tests.Support;

namespace OpsConsole.Http;

/// <summary>The desks refuse texts that are too long or that no database takes, whoever hands them in: a page's circuit sends what it likes.</summary>
public sealed class DeskTextTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _spine = await Spine.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private T Desk<T>() where T : notnull => _host.Services.GetRequiredService<T>();

    [Theory]
    [InlineData(4_001, 'x')]
    [InlineData(1, '\ud800')]
    [InlineData(1, '\0')]
    public async Task Texts_ThatDoNotFit_AreRefusedByTheDesks(int length, char last)
    {
        var text = new string('x', length - 1) + last;
        var id = (await _spine.RefundAsync(300, 202)).GetProperty("approval").GetProperty("id").GetString()!;
        var me = new PersonCaller(_host.Writer.State.Directory.ByEmail["dana@example.com"], null, "token:x");
        var service = Desk<ApprovalService>();
        foreach (var verdict in Enum.GetValues<Verdict>())
            Refused("reason", (await service.DecideAsync(me, id, new VerdictRequest(verdict, text, null, null, null, "lee@example.com"))).Fault);
        Refused("reason_code", (await service.DecideAsync(me, id, new VerdictRequest(Verdict.Reject, null, text, null, null))).Fault);
        Refused("to", (await service.DecideAsync(me, id, new VerdictRequest(Verdict.Reassign, "yours", null, null, null, text))).Fault);
        Refused("reason", (await Desk<AskBackDesk>().AskAsync(me, id, new AskBackRequest(text, Turn.Owner, null), default)).Fault);
        Refused("answer", (await Desk<AskBackDesk>().AnswerAsync(me, id, "qst_1", text, default)).Fault);
        Refused("reason", (await Desk<TakeBackDesk>().TakeBackAsync(me, id, text, default)).Fault);
        Refused("reason", (await Desk<BulkDesk>().DecideAsync(me, new BulkVerdict([new BulkItem(id, 1)], Verdict.Reject, text, null), default)).Fault);
        Assert.Equal("pending", (await ConsoleHost.GetAsync(_host.Admin, "/api/v1/approvals/" + id)).GetProperty("status").GetString());

        static void Refused(string field, Fault? fault) => Assert.Equal(("field.invalid", field), (fault?.Code, fault?.Field));
    }

    [Fact]
    public async Task Arguments_LargerThanABodyMayHave_AreRefused()
    {
        var id = (await _spine.RefundAsync(300, 202)).GetProperty("approval").GetProperty("id").GetString()!;
        var me = new PersonCaller(_host.Writer.State.Directory.ByEmail["dana@example.com"], null, "token:x");
        var large = JsonSerializer.SerializeToElement(new { note = new string('x', 65 * 1024) });
        Assert.Equal(("field.invalid", "arguments"), ((await Desk<ApprovalService>().DecideAsync(me, id, new VerdictRequest(Verdict.Edit, null, null, large, null))).Fault is { } fault ? (fault.Code, fault.Field!) : default));
    }
}
