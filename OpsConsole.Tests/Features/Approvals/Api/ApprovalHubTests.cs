using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Access;
using OpsConsole.Platform.Web;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Approvals.Api;

public sealed class ApprovalHubTests
{
    [Theory]
    [InlineData("""{"verdict":"edit","arguments":{"amount":1,"amount":2}}""")]
    [InlineData("""{"verdict":"reject","verdict":"approve"}""")]
    public async Task Decide_AKeyTwice_IsRefusedAsOverHttp(string decision)
    {
        await using var host = await ConsoleHost.StartAsync();
        var spine = await Spine.BuildAsync(host);
        var asked = await spine.RefundAsync(300, 202);
        var id = asked.GetProperty("approval").GetProperty("id").GetString()!;
        using var hub = ActivatorUtilities.CreateInstance<ApprovalHub>(host.Services);
        var directory = host.Writer.State.Directory;
        var dana = directory.ByEmail["dana@example.com"];
        hub.Context = new Connection(new PersonCaller(dana, null, "token:" + directory.PersonalTokens.Single(t => t.Value.OwnerId == dana.Id).Key));

        var answer = JsonSerializer.SerializeToElement(await hub.Decide(id, JsonElement.Parse(decision)), Wire.Json);

        Assert.Equal("body.malformed", answer.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal("pending", Spine.Outcome(await spine.GetAsync(asked)));
    }

    private sealed class Connection : HubCallerContext
    {
        public Connection(PersonCaller caller)
        {
            var http = new DefaultHttpContext();
            http.Items[typeof(PersonCaller)] = caller;
            Features.Set<IHttpContextFeature>(new Carrier { HttpContext = http });
        }

        public override string ConnectionId => "c";
        public override string? UserIdentifier => null;
        public override ClaimsPrincipal? User => null;
        public override IDictionary<object, object?> Items { get; } = new Dictionary<object, object?>();
        public override IFeatureCollection Features { get; } = new FeatureCollection();
        public override CancellationToken ConnectionAborted => CancellationToken.None;
        public override void Abort() => throw new InvalidOperationException("The connection was to stay.");

        private sealed class Carrier : IHttpContextFeature
        {
            public HttpContext? HttpContext { get; set; }
        }
    }
}
