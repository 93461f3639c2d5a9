using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Demo;

/// <summary><c>--demo</c>: a console with something in it, clearly marked, that can be taken away again.</summary>
internal static class DemoFeature
{
    /// <param name="drive">Whether the simulated agent runs: only with <c>--demo</c>. What an earlier demo left can be removed in any case.</param>
    public static IServiceCollection AddDemo(this IServiceCollection services, bool drive)
    {
        services.AddSingleton<DemoSeed>().AddSingleton(new BannerWidget(typeof(Ui.DemoBanner), 50));
        if (drive) services.AddHostedService<SimulatedAgent>();
        return services;
    }

    /// <summary>Fills an empty console and prints how to sign in. After set-up, before the console serves.</summary>
    public static async Task FillDemoAsync(this WebApplication app)
    {
        var people = await app.Services.GetRequiredService<DemoSeed>().FillAsync();
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            if (people.Count == 0)
            {
                Console.WriteLine("The demo was not added: this console has rollouts of its own.");
                return;
            }
            Console.WriteLine();
            Console.WriteLine($"Demo: open {app.Urls.FirstOrDefault()} and sign in as one of these people (the passwords are new at every start):");
            foreach (var person in people) Console.WriteLine($"  {person.Email,-20} {person.Password}   {person.Name}, {person.Part}");
            Console.WriteLine();
        });
    }
}
