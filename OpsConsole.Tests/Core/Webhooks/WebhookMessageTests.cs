using System.Text;
using System.Text.Json;
using OpsConsole.Core.Audit;
using OpsConsole.Tests.Support;

namespace OpsConsole.Core.Webhooks;

public sealed class WebhookMessageTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 22, 9, 30, 0, TimeSpan.Zero);
    private static readonly string Approval = "apr_" + OpsConsole.Core.Shared.Ids.Make("dec", 7, new byte[8])[4..];

    [Fact]
    public void Body_CloudEvents_HasTheContractsFields()
    {
        var body = JsonElement.Parse(WebhookMessage.Body(MessageFormat.CloudEvents, "evt_1", Occurrence.Requested(7, Approval, "rol_1", "agt_1", At), "https://ops.example.com"));
        Assert.Equal("""{"specversion":"1.0","id":"evt_1","source":"/opsconsole","type":"io.opsconsole.approval.requested.v1","subject":"approvals/APR","time":"2026-11-22T09:30:00Z","datacontenttype":"application/json","data":{"rollout_id":"rol_1","approval_id":"APR","decision_id":"DEC","agent_id":"agt_1","url":"https://ops.example.com/approvals/APR"}}""",
            body.GetRawText().Replace(Approval, "APR").Replace("dec_" + Approval[4..], "DEC"));
    }

    [SharedFact("vectors/cloudevents/cloudevents.schema.json")]
    public void Body_OfEveryEvent_FitsTheOfficialSchemaAndStaysSmall()
    {
        var schema = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(SharedFolder.PathTo("vectors", "cloudevents", "cloudevents.schema.json")));
        string[] required = [.. schema.GetProperty("required").EnumerateArray().Select(r => r.GetString()!)], known = [.. schema.GetProperty("properties").EnumerateObject().Select(p => p.Name)];
        foreach (var o in Every())
        {
            var text = WebhookMessage.Body(MessageFormat.CloudEvents, "evt_1", o, null);
            var body = JsonElement.Parse(text);
            Assert.All(required, name => Assert.NotEqual("", body.GetProperty(name).GetString()));
            Assert.All(body.EnumerateObject(), p => Assert.Contains(p.Name, known));
            Assert.InRange(Encoding.UTF8.GetByteCount(text), 1, 20_000);
            Assert.StartsWith("/", body.GetProperty("data").GetProperty("url").GetString());
        }
    }

    [Fact]
    public void Body_Standard_HasTypeTimestampAndData()
    {
        var body = JsonElement.Parse(WebhookMessage.Body(MessageFormat.Standard, "evt_1", Occurrence.Test(9, "whk_1", "rol_1", At), null));
        Assert.Equal(("webhook.test", "2026-11-22T09:30:00Z", "whk_1"), (body.GetProperty("type").GetString(), body.GetProperty("timestamp").GetString(), body.GetProperty("data").GetProperty("webhook_id").GetString()));
        Assert.Equal(["type", "timestamp", "data"], body.EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public void Of_EachSource_IsAnEventThatCanBeChosen() => Assert.Equal(WebhookEvent.All.Select(e => e.Name).Where(e => e != WebhookEvent.Undo).Order(), Every().Select(o => o.Name).Distinct().Order());

    [Theory]
    [InlineData("decision.asked", "{}")]
    [InlineData("person.created", "{}")]
    [InlineData("approval.voted", """{"verdict":"approve"}""")]
    [InlineData("gate.passed", "{}")]   // of no rollout
    public void Of_WhatIsNothingOutside_IsNull(string evt, string details) => Assert.Null(Occurrence.Of(Entry(evt, Approval, details)));

    [Fact]
    public void Id_OfTheSamePlaceInAnotherLog_IsAnother()
    {
        Assert.NotEqual(WebhookMessage.Id(7, new byte[32]), WebhookMessage.Id(7, [.. Enumerable.Repeat((byte)1, 32)]));
        Assert.Equal(WebhookMessage.Id(7, new byte[32]), WebhookMessage.Id(7, new byte[32]));
    }

    private static IEnumerable<Occurrence> Every()
        => Occurrence.Sources.Select(s => Occurrence.Of(Entry(s, s.StartsWith("approval", StringComparison.Ordinal) || s.StartsWith("decision", StringComparison.Ordinal) ? Approval : "agt_1", """{"rollout":"rol_1","verdict":"reject","kind":"loop","agent":"agt_1","gate":"A","version":3,"cause":"expired"}"""))!).Append(Occurrence.Requested(7, Approval, "rol_1", "agt_1", At));

    private static LogEvent Entry(string evt, string obj, string details) => new(7, At, evt, "system:console", obj, JsonElement.Parse(details), null);
}
