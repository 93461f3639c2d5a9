using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Demo;

/// <summary><c>--demo</c>: a console with something in it, clearly marked, that can be taken away again.</summary>
internal static class DemoFeature
{
    /// <param name="drive">Whether an empty console is filled and the simulated agent runs: only with <c>--demo</c>. What an earlier demo left can be removed in any case.</param>
    public static IServiceCollection AddDemo(this IServiceCollection services, bool drive)
    {
        services.AddSingleton<DemoSeed>().AddSingleton(new BannerWidget(typeof(Ui.DemoBanner), 50));
        // After set-up, which is registered before: the settings' admin exists by then.
        if (drive) services.AddHostedService<DemoStart>().AddHostedService<SimulatedAgent>();
        return services;
    }
}

/// <summary>Fills an empty console before it serves, and prints how to sign in once it does.</summary>
internal sealed class DemoStart(DemoSeed seed, IHostApplicationLifetime lifetime, IServer server) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var people = await seed.FillAsync();
        lifetime.ApplicationStarted.Register(() => Print(people));
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Print(IReadOnlyList<DemoPerson> people)
    {
        if (people.Count == 0)
        {
            Console.WriteLine("The demo was not added: this console has rollouts of its own.");
            return;
        }
        Console.WriteLine();
        Console.WriteLine($"Demo: open {server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault()} and sign in as one of these people (the passwords are new at every start):");
        foreach (var person in people) Console.WriteLine($"  {person.Email,-20} {person.Password}   {person.Name}, {person.Part}");
        Console.WriteLine();
    }
}
